"""kill -9 at every durable call of an upload: what HEAD tells is durable, and the phone goes on from there."""

import base64
import hashlib
from collections import Counter

from tests.crash.conftest import TAKEN, Answer, Child, Scene, assert_sound, call
from tests.crash.tracing import DURABLE, traced
from tests.photos import photo

PHOTO = photo(size=(320, 240), seed=91, exif=TAKEN)
CUT = len(PHOTO) // 2
STEPS = {"begin": None, "first piece": (0, CUT), "last piece": (CUT, len(PHOTO))}


class Phone:
    """One upload to a child of the driver, step by step."""

    def __init__(self, scene: Scene, child: Child) -> None:
        self._token = scene.report().token
        self._child = child
        self.path: str | None = None

    def say(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer | None:
        told = {name.replace("_", "-"): said for name, said in headers.items()}
        ours = {"Authorization": f"Bearer {self._token}", "Tus-Resumable": "1.0.0", **told}
        answer = call(self._child.port, method, path, body, ours, empty=True)
        # Without a body nothing but its last headers tells that an answer is whole.
        return answer if answer is not None and "X-Request-Id" in answer.headers else None

    def do(self, step: str) -> Answer | None:
        span = STEPS[step]
        if span is None:
            named = base64.b64encode(hashlib.sha256(PHOTO).hexdigest().encode()).decode()
            answer = self.say(
                "POST", "/api/v1/uploads", Upload_Length=str(len(PHOTO)), Upload_Metadata=f"sha256 {named}"
            )
            self.path = None if answer is None else answer.headers["Location"]
            return answer
        begin, end = span
        kind = {"Content_Type": "application/offset+octet-stream", "Upload_Offset": str(begin)}
        return self.say("PATCH", str(self.path), PHOTO[begin:end], **kind)


def led_to(scene: Scene, step: str) -> tuple[Phone, Child]:
    """A phone that has done all that comes before this step."""
    child = scene.server(checkpoint_always=True)
    phone = Phone(scene, child)
    for earlier in list(STEPS)[: list(STEPS).index(step)]:
        answer = phone.do(earlier)
        assert answer is not None
        assert answer.status in {201, 204}, answer
    return phone, child


def counted(scene: Scene, step: str) -> Counter[str]:
    phone, child = led_to(scene, step)
    with traced(child.pid, scene.log) as trace:
        assert phone.do(step) is not None
    return trace.counted()


def went_on(scene: Scene, phone: Phone, step: str) -> None:
    """After the restart HEAD tells an offset at which the rest makes the photo, and never more than came."""
    with scene.looking() as house:
        token = {"Authorization": f"Bearer {house.token('lixia')}", "Tus-Resumable": "1.0.0"}
        client = house.app.test_client()
        span = STEPS[step]
        if span is None or phone.path is None:
            return
        stands = client.head(phone.path, headers=token)
        assert stands.status_code == 200
        offset = int(stands.headers["Upload-Offset"])
        assert offset in span
        if offset < len(PHOTO):
            piece = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
            rest = client.patch(phone.path, data=PHOTO[offset:], headers={**token, **piece})
            assert rest.status_code == 204, rest.data
        with house.means.store.open(hashlib.sha256(PHOTO).hexdigest()) as stream:
            assert stream.read() == PHOTO
        house.work()
        assert_sound(house)


def test_an_upload_killed_at_any_durable_call_goes_on_from_what_is_told(scene):
    for step in STEPS:
        scene.put_back()
        calls = counted(scene, step)
        assert calls["fsync"] + calls["fdatasync"] >= 1
        for name, n in [(each, n) for each in DURABLE for n in range(1, calls[each] + 1)]:
            scene.put_back()
            phone, child = led_to(scene, step)
            with traced(child.pid, scene.log, inject=(f"{name}:signal=SIGKILL:when={n}",), calls=(name,)) as trace:
                answer = phone.do(step)
            assert trace.was_killed, f"{name} number {n} of {step!r} never came"
            assert answer is None
            went_on(scene, phone, step)
