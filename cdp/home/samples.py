"""The ways to send a first event, in code that runs as it stands: the key and the address filled in."""

from dataclasses import dataclass
from urllib.parse import quote

NO_KEY = "YOUR_WRITE_KEY"


@dataclass(frozen=True)
class Sample:
    key: str
    label: str
    where: str
    """Where it goes, in a sentence."""
    code: str


BROWSER = """\
<script>
  (function (key, host) {
    var queue = (window.analytics = window.analytics || []);
    if (queue.invoked) return;
    queue.invoked = true;
    ["identify", "track", "page", "group", "alias", "reset", "ready", "on", "once", "off",
     "setAnonymousId", "addSourceMiddleware"].forEach(function (name) {
      queue[name] = function () { queue.push([name].concat([].slice.call(arguments))); return queue; };
    });
    var library = document.createElement("script");
    library.async = true;
    library.src = host + "/analytics.js/v1/" + key + "/analytics.min.js";
    document.head.appendChild(library);
  })("{key}", "{host}");
  analytics.page();
  // When somebody signs in or signs up:
  // analytics.identify("u-1", { email: "ada@example.com", name: "Ada" });
  // analytics.track("Product Viewed", { product_id: "mug" });
</script>"""

CURL = """\
curl {host}/v1/track -u {key}: -H 'Content-Type: application/json' \\
  -d '{"userId": "u-1", "event": "Signed Up", "properties": {"plan": "free"}}'"""

PYTHON = """\
# pip install segment-analytics-python
import segment.analytics as analytics

analytics.write_key = "{key}"
analytics.host = "{host}"
analytics.identify("u-1", {"email": "ada@example.com", "name": "Ada"})
analytics.track("u-1", "Signed Up", {"plan": "free"})
analytics.flush()"""

NODE = """\
// npm install @segment/analytics-node
import { Analytics } from "@segment/analytics-node";

const analytics = new Analytics({ writeKey: "{key}", host: "{host}" });
analytics.identify({ userId: "u-1", traits: { email: "ada@example.com", name: "Ada" } });
analytics.track({ userId: "u-1", event: "Signed Up", properties: { plan: "free" } });
await analytics.closeAndFlush();"""

PHP = """\
<?php
$event = ["userId" => "u-1", "event" => "Signed Up", "properties" => ["plan" => "free"]];
$options = ["http" => [
    "method" => "POST",
    "header" => "Content-Type: application/json\\r\\nAuthorization: Basic " . base64_encode("{key}:"),
    "content" => json_encode($event),
]];
echo file_get_contents("{host}/v1/track", false, stream_context_create($options));"""

RUBY = """\
require "json"
require "net/http"

uri = URI("{host}/v1/track")
request = Net::HTTP::Post.new(uri, "Content-Type" => "application/json")
request.basic_auth("{key}", "")
request.body = { userId: "u-1", event: "Signed Up", properties: { plan: "free" } }.to_json
puts Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == "https") { |http| http.request(request) }.body"""

PIXEL = """\
<img width="1" height="1" alt=""
  src="{host}/v1/pixel/track?writeKey={quoted}&amp;userId=u-1&amp;event=Newsletter%20Read">"""

TEXTS = (
    ("browser", "Website", "Before the end of your page’s head, on every page.", BROWSER),
    ("curl", "curl", "In a terminal: the quickest first event.", CURL),
    ("python", "Python", "On your server, with Segment’s library.", PYTHON),
    ("node", "Node", "On your server, with Segment’s library.", NODE),
    ("php", "PHP", "On your server, without any library.", PHP),
    ("ruby", "Ruby", "On your server, without any library.", RUBY),
    ("pixel", "Pixel", "Where no script runs, as in a mail of your own.", PIXEL),
)


def samples(*, key: str, host: str) -> list[Sample]:
    """`key` empty: a placeholder stands for it."""
    shown = key or NO_KEY
    return [Sample(name, label, where, _filled(code, shown, host)) for name, label, where, code in TEXTS]


def _filled(code: str, key: str, host: str) -> str:
    return code.replace("{quoted}", quote(key)).replace("{key}", key).replace("{host}", host)
