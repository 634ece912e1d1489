"""Both directions between values and bytes, as one end of the wire needs them."""

from collections.abc import Callable
from typing import Any

from coursework.ipc.decoding import Decoder
from coursework.ipc.encoding import Encoder
from coursework.ipc.wire import Handle

__all__ = ["Codec", "content_of"]


def content_of(_number: int, _mark: int, content: Any) -> Any:
    """Return what came with a number, if nobody knows objects by numbers."""
    return content


class Codec:
    """Encodes what one side sends, and decodes what it receives.

    Parameters
    ----------
    array_elements, message_bytes : int
        Limits, see `Limits`.
    lend : callable
        Object that is not plain data → its handle.
    resolve : callable
        Handle → object.
    admit : callable, optional
        The two integers and the content of a `Numbered` → object; by default the content.
    trusts_names : bool
        Whether the other side may name functions of NumPy and Python: the student's end.
        The judge's end names its own instead.
    """

    def __init__(
        self,
        array_elements: int,
        message_bytes: int,
        lend: Callable[[Any], Handle],
        resolve: Callable[[Handle], Any],
        admit: Callable[[int, int, Any], Any] = content_of,
        *,
        trusts_names: bool = False,
    ) -> None:
        self.encode = Encoder(
            array_elements, message_bytes, lend, names_functions=not trusts_names
        ).encode
        self.decode = Decoder(array_elements, resolve, admit, trusts_names=trusts_names).decode
