"""Nothing but public places is called, whatever an address looks like; a call is short, pinned and follows nobody."""

import datetime
import ipaddress
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from newretail.kernel.actions import endpoints
from newretail.kernel.models import Endpoint
from newretail.kernel.webhooks import calls, places
from newretail.kernel.webhooks.calls import WIRE, Wire
from tests import world
from tests.webhooks.receiver import Receiver, dripping, elapsed, listening, wire

BAD_PLACES = [
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0", "0.0.0.0", "１２７.０.０.１",
    "127。0。0。1", "localhost", "localhost.", "x.localhost", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "192.0.2.1",
    "169.254.169.254", "169.254.0.23", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.88.99.1", "198.18.0.1",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "[::]", "[::1]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[::7f00:1]", "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::1]", "[fe80::1]", "[fe80::1%25eth0]",
    "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[2002:7f00:1::]", "[2001::1]", "[2001:db8::1]", "[3fff::1]", "[100::1]",
    "[5f00::1]", "metadata", "db.internal", "printer.local",
]  # fmt: skip
BAD_URLS = [
    "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "//example.com/", "example.com", "",
    "https://", "https:///x", "https://example.com:22/", "https://example.com:6379/", "https://example.com:0/",
    "https://example.com:99999/", "https://example.com:x/", "https://user@example.com/", "https://a:b@example.com/",
    "https://example.com@127.0.0.1/", "https://example.com/#x", "https://example.com\\@127.0.0.1/", "https://exa mple.com/",
    "https://example.com/\r\nX: y", "https://example.com/\0", "https://examp%6ce.com/", "https://例子.中国/",
    "https://example.com/" + "x" * 500, "javascript:alert(1)", "https://[::1", "https://[v1.x]/",
]  # fmt: skip
GOOD_URLS = ["https://example.com/", "https://example.com:8443/a?b=c", "https://xn--fsqu00a.xn--fiqs8s/in", "https://8.8.8.8/",
             "https://[2606:4700::1111]/"]  # fmt: skip


@pytest.mark.parametrize("host", BAD_PLACES)
def test_an_endpoint_in_no_public_place_is_refused(brand, host):
    with pytest.raises(endpoints.BadAddress):
        endpoints.add(url=f"https://{host}/in", at=world.NOW, by=None)
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize("host", BAD_PLACES)
def test_no_call_reaches_what_is_no_public_place(host):
    outcome = Wire(check=lambda _url: None).post(f"https://{host}/in", {}, b"{}")
    assert outcome.error in ("not_public", "no_such_host", "bad_url"), outcome
    assert outcome.status is None


@pytest.mark.parametrize("host", [host.strip("[]") for host in BAD_PLACES])
def test_what_the_system_resolves_a_host_to_is_what_is_judged(host):
    try:
        found = calls._resolve(host, 443)
    except places.BadPlace:
        return
    assert not any(places.is_public(place) for place in found), found


@pytest.mark.parametrize("url", BAD_URLS)
def test_an_address_that_is_none_is_neither_kept_nor_called(brand, url):
    with pytest.raises(endpoints.BadAddress):
        endpoints.add(url=url, at=world.NOW, by=None)
    assert not Endpoint.objects.exists()
    assert WIRE.post(url, {}, b"{}").error in ("bad_url", "not_https", "bad_port")


@pytest.mark.parametrize("url", GOOD_URLS)
def test_a_public_address_is_kept(brand, url):
    assert endpoints.add(url=url, at=world.NOW, by=None).endpoint.url == url


def test_plain_http_is_for_development_alone(settings):
    settings.WEBHOOKS_PLAIN_HTTP = True
    places.check("http://example.com/")
    with pytest.raises(places.BadPlace, match="not_public"):
        places.check("http://127.0.0.1/")


PUBLIC, INNER = ipaddress.ip_address("8.8.8.8"), ipaddress.ip_address("10.0.0.1")


@pytest.mark.parametrize("found", [[INNER], [PUBLIC, INNER], [INNER, PUBLIC], []])
def test_a_name_that_leads_inside_by_any_of_its_addresses_is_refused_whole(found, monkeypatch):
    import httpcore

    connected = []
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", lambda *given, **_: connected.append(given))
    outcome = Wire(resolve=lambda _host, _port: found).post("https://rebind.example.com/", {}, b"{}")
    assert (outcome.error, connected) == ("not_public", [])


def test_a_name_is_resolved_once_and_the_call_goes_where_was_judged():
    asked = []

    def resolve(_host, _port):
        asked.append(1)
        return [ipaddress.ip_address("127.0.0.1" if len(asked) == 1 else "10.0.0.1")]

    judged = []
    with listening(Receiver()) as receiver:
        judge = lambda place: not judged.append(str(place))  # noqa: E731
        assert wire(resolve=resolve, judge=judge).post(receiver.url, {}, b"{}").status == 204
    assert (len(asked), judged) == (1, ["127.0.0.1"])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status):
    with listening(Receiver()) as inner:
        with listening(Receiver(lambda _heard: (status, inner.url.encode()))) as outer:
            outcome = wire().post(outer.url, {}, b"{}")
        assert (outcome.status, outcome.arrived, inner.heard) == (status, False, [])


def test_a_proxy_of_the_environment_is_not_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with listening(Receiver()) as receiver:
        assert wire().post(receiver.url, {}, b"{}").status == 204


def test_a_long_answer_is_read_no_further_than_its_beginning():
    with dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 1000, 0.001) as port:
        outcome, seconds = elapsed(lambda: wire().post(f"http://a.example.com:{port}/", {}, b"{}"))
    assert (outcome.status, len(outcome.answer), seconds < 2) == (200, 500, True)


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n"])
def test_an_answer_that_drips_ends_by_the_deadline(first):
    with dripping(first, b"1", 0.05) as port:
        post = wire(most_seconds=0.4).post
        outcome, seconds = elapsed(lambda: post(f"http://a.example.com:{port}/", {}, b"{}"))
    assert (outcome.error, outcome.status, seconds < 3) == ("timeout", None, True)


@pytest.mark.parametrize(
    ("said", "error"), [(b"SSH-2.0\r\n\r\n", "no_http"), (b"HTTP/1.1 999999 x\r\n\r\n", "no_http")]
)
def test_an_answer_that_is_no_http_is_told(said, error):
    with dripping(said, b"", 5) as port:
        assert wire().post(f"http://a.example.com:{port}/", {}, b"{}").error == error


def test_nobody_listening_is_told():
    with listening(Receiver()) as receiver:
        url = receiver.url
    assert wire().post(url, {}, b"{}").error == "no_connection"


def certificate(folder, name):
    """A certificate of a name, that is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - day).not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / f"{name}.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@pytest.fixture
def secure(tmp_path):
    path = certificate(tmp_path, "hooks.example.com")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    asked = []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    with listening(Receiver(), context) as receiver:
        yield receiver, asked, path


def test_the_pinned_call_names_the_host_and_checks_its_certificate(secure):
    receiver, asked, path = secure
    authorities = lambda: ssl.create_default_context(cafile=path)  # noqa: E731
    good = wire(authorities=authorities)
    assert good.post(f"https://hooks.example.com:{receiver.port}/in", {}, b"{}").status == 204
    assert asked == ["hooks.example.com"]
    assert receiver.heard[0].headers["host"] == f"hooks.example.com:{receiver.port}"
    assert good.post(f"https://other.example.com:{receiver.port}/in", {}, b"{}").error == "tls"
    assert wire().post(f"https://hooks.example.com:{receiver.port}/in", {}, b"{}").error == "tls"
    assert len(receiver.heard) == 1
