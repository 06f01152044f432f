"""Ways to write an address that leads inside. PORT is the canary's."""


def words(text: str) -> list[str]:
    return text.split()


DOTTED = words(
    """
    127.0.0.1 127.1 127.0.1 127.0.0.1. 127.255.255.254 127.0.0.01 0.0.0.0 0 10.0.0.1 10.1 172.16.0.1 172.31.255.255
    192.168.1.1 100.64.0.1 100.100.100.200 168.63.129.16 192.0.0.192 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1
    192.88.99.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 169.254.169.254 169.254.170.2 169.254.43518
    """
)
DECIMAL = words("2130706433 3232235777 2852039166 4294967295 6425673729")
HEX = words("0x7f000001 0x7F000001 0x7f.0.0.1 0x7f.1 0x7f.0x0.0x0.0x1 0xa9fea9fe 0xa9.0xfe.0xa9.0xfe 0x0 127.0.0.0x1")
OCTAL = words("0177.0.0.1 0177.1 017700000001 00000177.0.0.1 0251.0376.0251.0376 127.0.0.00000001 012.0.0.1")
IPV6 = words(
    """
    [::1] [::] [0:0:0:0:0:0:0:1] [0000::0001] [::ffff:127.0.0.1] [::ffff:7f00:1] [::ffff:169.254.169.254]
    [0:0:0:0:0:ffff:127.0.0.1] [::127.0.0.1] [::ffff:0:127.0.0.1] [64:ff9b::127.0.0.1] [64:ff9b::a9fe:a9fe]
    [64:ff9b:1::7f00:1] [2002:7f00:1::] [2002:a9fe:a9fe::1] [2001:0:4136:e378:8000:63bf:80ff:fffe] [fe80::1]
    [fc00::1] [fd00:ec2::254] [fd20:ce::254] [fec0::1] [ff02::1] [2001:db8::1] [100::1] [5f00::1] [3fff::1]
    [2606:4700::5efe:127.0.0.1] [2606:4700::200:5efe:7f00:1] [fe80::1%25lo] [fe80::1%lo] [::1%lo] [::1%251]
    [127.0.0.1] [::1 [::1]x ::1
    """
)
NAMES = words("localhost LOCALHOST localhost. a.localhost intranet ip6-localhost localhost%00 -localhost-")
UNICODE = (
    "①②⑦.⓪.⓪.①",
    "１２７.０.０.１",
    "127。0。0。1",
    "127．0．0．1",
    "127｡0｡0｡1",
    "٢١٣٠٧٠٦٤٣٣",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "ｌｏｃａｌｈｏｓｔ",
    "local\u00adhost",
    "local\u200bhost",
    "localho\u017ft",
    "\ufeff127.0.0.1",
)
HOSTS = (*DOTTED, *DECIMAL, *HEX, *OCTAL, *IPV6, *NAMES, *UNICODE)
URLS = (
    # user names and passwords
    "http://good.test@127.0.0.1:PORT/",
    "http://good.test:80@127.0.0.1:PORT/",
    "http://127.0.0.1:PORT@good.test/",
    "http://user:pass@good.test/",
    "http://@127.0.0.1:PORT/",
    "http://good.test%40127.0.0.1:PORT/",
    "http://a@b@127.0.0.1:PORT/",
    # backslashes, spaces, line breaks
    "http://good.test\\@127.0.0.1:PORT/",
    "http://127.0.0.1:PORT\\@good.test/",
    "http:\\\\127.0.0.1:PORT/",
    "http:/\\127.0.0.1:PORT/",
    " http://127.0.0.1:PORT/",
    "http://127.0.0.1:PORT/ ",
    "http://127.0.0.1 good.test:PORT/",
    "http://127.0.0.1\t:PORT/",
    "ht\ntp://127.0.0.1:PORT/",
    "http://127.0.0.1:PORT/\r\nX-Injected: 1",
    "http://good.test/\r\nHost: 127.0.0.1",
    "http://good.test\x00.127.0.0.1:PORT/",
    # percent signs in hosts, odd ports, half addresses
    "http://%31%32%37.0.0.1:PORT/",
    "http://127.0.0.1%2f.good.test:PORT/",
    "http://127.0.0.1%23good.test:PORT/",
    "http://127.0.0.1:PORT:80/",
    "http://127.0.0.1:",
    "http://127.0.0.1:0/",
    "http://127.0.0.1:65536/",
    "http://127.0.0.1:0x50/",
    "http://127.0.0.1:８０/",
    "http://127.0.0.1:-1/",
    "http://:PORT/",
    "http://",
    "http:///127.0.0.1:PORT/",
    "http:/127.0.0.1:PORT/",
    "http:127.0.0.1:PORT/",
    "//127.0.0.1:PORT/",
    "127.0.0.1:PORT",
    "",
    # other schemes
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "file://127.0.0.1/etc/passwd",
    "gopher://127.0.0.1:PORT/_GET%20/",
    "dict://127.0.0.1:PORT/stat",
    "ftp://127.0.0.1:PORT/",
    "ldap://127.0.0.1:PORT/",
    "tftp://127.0.0.1:PORT/",
    "jar:http://127.0.0.1:PORT!/",
    "data:application/json,{}",
    "javascript:alert(1)",
    "unix:///var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    "ws://127.0.0.1:PORT/",
    "view-source:http://127.0.0.1:PORT/",
    "url:http://127.0.0.1:PORT/",
)
"""Names whose resolver leads inside: by name, every address it says."""
LEADS_INSIDE = {
    "127.0.0.1.nip.test": ["127.0.0.1"],
    "metadata.google.internal": ["169.254.169.254"],
    "zero.test": ["0.0.0.0"],
    "six.test": ["::1"],
    "mapped.test": ["::ffff:127.0.0.1"],
    "any.test": ["::"],
    "nat64.test": ["64:ff9b::7f00:1"],
    "linklocal.test": ["fe80::1%lo"],
    "private.test": ["10.1.2.3"],
    "carrier.test": ["100.64.0.1"],
    "mixed.test": ["93.184.215.14", "127.0.0.1"],
    "mixed-first.test": ["127.0.0.1", "93.184.215.14"],
    "mixed-six.test": ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "fd00::1"],
    "xn--mller-kva.test": ["127.0.0.1"],
}
