import pytest

from resolver.freshness import ttl_of


@pytest.mark.parametrize(
    ("headers", "ttl_s"),
    [
        ({}, None),
        ({"Cache-Control": "public"}, None),
        ({"Cache-Control": ""}, None),
        ({"Cache-Control": "max-age=60"}, 60),
        ({"Cache-Control": "public, max-age=60, must-revalidate"}, 60),
        ({"Cache-Control": "MAX-AGE = 60"}, 60),
        ({"Cache-Control": 'max-age="60"'}, 60),
        ({"Cache-Control": "max-age=60, s-maxage=600"}, 600),
        ({"Cache-Control": "max-age=60", "Age": "20"}, 40),
        ({"Cache-Control": "max-age=60", "Age": "90"}, 0),
        ({"Cache-Control": "max-age=60", "Age": "soon"}, 60),
        ({"Cache-Control": "no-store"}, 0),
        ({"Cache-Control": "max-age=60, no-cache"}, 0),
        ({"Cache-Control": 'no-cache="set-cookie", max-age=60'}, 0),
        ({"Cache-Control": "private, max-age=60"}, 0),
        ({"Cache-Control": "max-age=60, max-age=90"}, 0),
        ({"Cache-Control": "max-age=-1"}, 0),
        ({"Cache-Control": "max-age=1.5"}, 0),
        ({"Cache-Control": "max-age"}, 0),
        ({"Cache-Control": "max-age=" + "9" * 400}, 0),
        ({"Cache-Control": "x" * 5_000}, 0),
        ({"Cache-Control": 'ext="max-age=9999", max-age=5'}, 5),
        ({"Expires": "0"}, 0),
        ({"Expires": "Wed, 25 Nov 2026 10:00:00 GMT"}, 0),
        (
            {
                "Expires": "Wed, 25 Nov 2026 10:01:00 GMT",
                "Date": "Wed, 25 Nov 2026 10:00:00 GMT",
            },
            60,
        ),
        (
            {
                "Cache-Control": "max-age=5",
                "Expires": "Wed, 25 Nov 2026 10:01:00 GMT",
                "Date": "Wed, 25 Nov 2026 10:00:00 GMT",
            },
            5,
        ),
    ],
)
def test_what_headers_say(headers: dict[str, str], ttl_s: int | None) -> None:
    assert ttl_of(headers) == ttl_s
