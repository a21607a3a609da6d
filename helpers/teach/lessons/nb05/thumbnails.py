"""`05.thumbnails`: a pipeline of the learner's own, from an upload to a preview."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from helpers.teach.checking import Case, Check, Context, NotAttempted, Requirement, Slip
from helpers.teach.checking.words import short
from helpers.teach.lessons.nb05 import buckets
from helpers.teach.lessons.nb05.window import MOST, PREFIX, Preview, Window

AGAIN = "Then run this cell again."
#: Pictures, and the size that their previews shall have.
WIDE, TALL, TINY = (1200, 800), (600, 900), (160, 120)
PREVIEW_OF = {WIDE: (320, 213), TALL: (213, 320), TINY: (160, 120)}
ODD = "Omas Geburtstag (1) + Torte.jpg"


@contextlib.contextmanager
def _window(context: Context) -> Iterator[Window]:
    window = Window(context.cloud)
    if not window.is_there(window.photos):
        raise NotAttempted(
            f"there is no bucket {window.photos} yet. Write your cells above, run them, then this "
            "one."
        )
    if not window.rules and not window.is_there(window.previews):
        raise NotAttempted(
            f"the bucket {window.photos} calls no function yet, and there is none for the "
            "previews. Write your cells above, run them, then this one."
        )
    if not window.is_there(window.previews):
        raise Slip(
            "no bucket",
            f"there is no bucket {window.previews} for the previews.",
            f"create_bucket makes it; look at the name letter by letter. {AGAIN}",
        )
    if not window.rules:
        raise Slip(
            "no notification",
            f"the bucket {window.photos} calls no function.",
            "Two steps: add_permission on the function, then "
            f"put_bucket_notification_configuration on the bucket. {AGAIN}",
        )
    missing = context.cloud.client("lambda").exceptions.ResourceNotFoundException
    try:
        window.deployed.lambda_.get_function_configuration(FunctionName=window.function)
    except missing:
        raise Slip(
            "no function",
            f"the bucket {window.photos} calls {window.function}, which is not there.",
            f"Deploy the function, then set the notification with its ARN. {AGAIN}",
        ) from None
    try:
        yield window
    finally:
        window.clean()


def _calls(window: Window, case: Case) -> None:
    """An upload makes a preview, in the right bucket and under the key of the photo."""
    _preview(window, window.key("wide.jpg"), WIDE)


def _preview(window: Window, key: str, size: tuple[int, int]) -> Preview:
    """Upload a picture of that size once, and return its preview. Raises Slip."""
    if key not in window.pictures:
        if not window.calls(key):
            raise Slip(
                "not called",
                f"an upload of {short(key)} does not call the function: the filter does not fit.",
                f"Every key that begins with {PREFIX} shall call it. A prefix alone does that; "
                f"if there is a suffix as well, does the case of its letters fit? {AGAIN}",
            )
        if not window.trusted():
            raise Slip(
                "no permission",
                "S3 may not call the function: its policy does not say so any more.",
                f"Give the permission again, with add_permission. {AGAIN}",
                final=True,
            )
        before = window.reports()
        window.upload(key, buckets.jpeg(*size))
        found = window.wait_for(key, before + 1)
    else:
        found = window.preview(key)
    return found or _looked_closer(window, key)


def _looked_closer(window: Window, key: str) -> Preview:
    """Why there is no preview of an uploaded picture. Raises Slip, most of the time.

    The function is called once more, by hand, so that its error can be read. What the log told
    meanwhile may have been an older event, tried again: then the preview is there in the end.
    """
    slip = _in_the_same_bucket(window, key) or _in_another_place(window, key)
    if slip:
        raise slip
    reply = window.invoke(key)
    if reply.failed:
        raise _why_failed(window, key, reply.error_type, reply.error_message) or (
            window.deployed.explain(reply)
        )
    slip = _in_the_same_bucket(window, key) or _in_another_place(window, key)
    if slip:
        raise slip
    found = window.preview(key)
    if found is None:
        raise Slip(
            "nothing written",
            f"for {short(key)} the function ends without an error and without a preview in "
            f"{window.previews}.",
            "Does the handler come to put_object? A print before it shows up in the log. " + AGAIN,
        )
    return found


def _in_the_same_bucket(window: Window, key: str) -> Slip | None:
    strangers = window.strangers()
    if not window.is_untouched(key):
        return Slip(
            "overwritten",
            f"the photo {short(key)} has been replaced by its own preview: the original is gone.",
            "The preview was written into the bucket it came from, under the same key, which also "
            f"calls the function again. Write it into {window.previews}. {AGAIN}",
            final=True,
        )
    looping = [one for one in strangers if window.calls(one)]
    if looping:
        return Slip(
            "loop",
            f"one photo was uploaded, and {len(looping)} more objects appeared beside it: the "
            "function's own results call the function again.",
            "Look at RecursiveInvocationsDropped: Lambda has stopped it, or is about to. Write "
            f"the previews into {window.previews}. {AGAIN}",
            final=True,
        )
    if strangers:
        return Slip(
            "same bucket",
            f"the preview lies in the bucket of the photos, as {short(strangers[0])}.",
            "The prefix keeps it from calling the function again, so it is no loop. But this "
            f"time the shop wants the previews in {window.previews}. {AGAIN}",
            final=True,
        )
    return None


def _in_another_place(window: Window, key: str) -> Slip | None:
    for bucket, found in window.elsewhere():
        if bucket != window.previews:
            return Slip(
                "other bucket",
                f"the preview of {short(key)} lies in the bucket {bucket}.",
                f"It belongs into {window.previews}. Where does the handler have the name from? "
                + AGAIN,
                final=True,
            )
        if found == buckets.encoded(key) and found != key:
            return Slip(
                "written encoded",
                f"the preview of {short(key)} lies under {short(found)}.",
                "Decode the key once, and use the decoded one for reading and for writing. "
                + AGAIN,
            )
        if found not in window.pictures:
            return Slip(
                "other key",
                f"the preview of {short(key)} lies under {short(found)}.",
                "The shop window asks for it under the key of the photo, letter by letter. "
                + AGAIN,
            )
    return None


def _why_failed(window: Window, key: str, kind: str, message: str) -> Slip | None:
    """The failures that belong to this exercise; None for those that can happen anywhere."""
    if kind == "Runtime.ImportModuleError" and "PIL" in message:
        return Slip(
            "no layer",
            f"the function cannot be imported: {short(message)}.",
            "Pillow is not part of the runtime. Give the function the layer: "
            f"deploy(…, layers=[imaging]). {AGAIN}",
            final=True,
        )
    asked_for_another = any(word in f"{kind} {message}" for word in ("NoSuchKey", "AccessDenied"))
    if asked_for_another and buckets.encoded(key) != key:
        return Slip(
            "not decoded",
            f"{short(key)} has no preview: the handler asked S3 for a key that is not there.",
            f"In the event it stands as {short(buckets.encoded(key))}. It is section 4 once more: "
            f"decode the key. {AGAIN}",
        )
    if "NoSuchBucket" in f"{kind} {message}":
        return Slip(
            "no such bucket",
            f"the handler wrote to a bucket that is not there: {short(message)}",
            f"The previews belong into {window.previews}. {AGAIN}",
            final=True,
        )
    return None


def _any_key(window: Window, case: Case) -> None:
    """A key with all that people put into file names."""
    _preview(window, window.key(case.given), TALL)


def _size(window: Window, case: Case) -> None:
    """At most 320 pixels wide and high, not squeezed, and never larger than the photo."""
    for name, size in (("wide.jpg", WIDE), ("tiny.jpg", TINY)):
        preview = _preview(window, window.key(name), size)
        shape = buckets.size_of(preview.content)
        if shape is None or shape[0] != "JPEG":
            what = f"a {shape[0]} picture" if shape else "no picture at all"
            raise Slip(
                "not a JPEG",
                f"the preview is {what}.",
                'picture.save(result, "JPEG") writes one, and result.getvalue() has its bytes. '
                + AGAIN,
            )
        _same_shape(size, shape[1])


def _same_shape(size: tuple[int, int], found: tuple[int, int]) -> None:
    """Raise Slip where the preview of a picture of one size has another than it should."""
    wanted = PREVIEW_OF[size]
    if all(abs(a - b) <= 1 for a, b in zip(found, wanted, strict=True)):
        return  # how a fraction of a pixel is rounded is a matter of taste
    seen = f"a photo of {_times(size)} pixels became a preview of {_times(found)}"
    if abs(found[0] / found[1] - size[0] / size[1]) > 0.05:
        raise Slip(
            "squeezed",
            f"{seen}: it is squeezed.",
            "resize takes exactly the size that you name. thumbnail((320, 320)) keeps the "
            f"proportions: 320 is the most that either side may have. {AGAIN}",
        )
    if size == TINY:
        raise Slip(
            "enlarged",
            f"{seen}, which is larger than the photo.",
            "A picture gets no better by being enlarged. thumbnail leaves a small one as it is. "
            + AGAIN,
        )
    if max(found) > MOST:
        raise Slip(
            "too large",
            f"{seen}: more than {MOST} pixels.",
            f"At most {MOST} wide and at most {MOST} high, so {_times(wanted)}. {AGAIN}",
        )
    raise Slip(
        "too small",
        f"{seen}.",
        f"As large as fits into {MOST} × {MOST}: {_times(wanted)}. {AGAIN}",
    )


def _times(size: tuple[int, int]) -> str:
    return f"{size[0]} × {size[1]}"


def _type(window: Window, case: Case) -> None:
    """A browser is told that it is a JPEG."""
    found = _preview(window, window.key("wide.jpg"), WIDE).content_type
    if found != "image/jpeg":
        raise Slip(
            "content type",
            f'the preview\'s ContentType is "{found}".',
            "A browser would offer to save it instead of showing it. put_object takes "
            f'ContentType="image/jpeg". {AGAIN}',
        )


def _nothing_else(window: Window, case: Case) -> None:
    """Keys outside of photos/ do not call the function."""
    for key in case.given:
        if window.calls(key):
            raise Slip(
                "too wide",
                f"a file {short(key)} would call the function as well.",
                f"Only what lies below {PREFIX} is a photo to be shown. The notification takes a "
                f"Filter with the prefix {PREFIX}, slash included. {AGAIN}",
            )


def _only_this_bucket(window: Window, case: Case) -> None:
    """The function's policy names the bucket that may invoke it."""
    for statement in window.trusted():
        conditions = statement.get("Condition", {}).values()
        named = [arn for one in conditions for name, arn in one.items() if "SourceArn" in name]
        if not any(str(arn).startswith("arn:aws:s3:::shop-") for arn in named):
            raise Slip(
                "any bucket",
                "the function's policy lets S3 invoke it for any bucket, whoever owns it.",
                f'add_permission takes SourceArn="arn:aws:s3:::{window.photos}". First take the '
                "permission without it away: remove_permission, with its StatementId. " + AGAIN,
            )


THUMBNAILS = Check(
    key="05.thumbnails",
    prepare=_window,
    solution="preview.py",
    requirements=(
        Requirement("an upload makes a preview", _calls, points=2),
        Requirement("any key", _any_key, (Case(ODD),)),
        Requirement("size", _size),
        Requirement("content type", _type),
        Requirement(
            "only photos/", _nothing_else, (Case(("drafts/cake.jpg", "photos-old/cake.jpg")),)
        ),
        Requirement("only this bucket", _only_this_bucket),
    ),
    hints=(
        "Take section 3 as your model: its handler, its layer, its two steps. What differs are "
        "the two buckets, the size, the key that has to be decoded, and the filter.",
        "In the handler: unquote_plus for the key, picture.thumbnail((320, 320)), and put_object "
        "with the name of the other bucket and with ContentType.",
        "deploy it with layers=[imaging] and a timeout of 30 seconds; then allow(function, bucket) "
        "and notify(function, bucket, prefix=…) do the wiring.",
        'notify(preview, WINDOW, prefix="photos/") replaces whatever stood there before.',
    ),
    praise="From an upload to a preview, and nothing in it can call itself.",
)
