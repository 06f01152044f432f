from django.contrib.auth.views import LoginView, LogoutView

from cdp.accounts.access import public

login = public(LoginView.as_view(template_name="accounts/login.html", redirect_authenticated_user=True))
logout = public(LogoutView.as_view())
