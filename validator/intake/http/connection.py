"""How connections are read: with httptools, and with the bound on the head of a request that it does not have."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST = 1 << 16  #: bytes of a head, or between two pieces of a body


class BoundedHttp(HttpToolsProtocol):
    """Closes a connection that goes on sending what is neither the end of a head nor a piece of a body."""

    _seen = 0  #: bytes since the last head was whole or the last piece of a body came

    def data_received(self, data: bytes) -> None:
        """Read on."""
        self._seen += len(data)
        super().data_received(data)
        if self._seen > MOST and not self.transport.is_closing():
            self.send_400_response("Head of the request too large.")

    def on_headers_complete(self) -> None:
        """Begin to answer."""
        self._seen = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._seen = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Take the end of the body."""
        self._seen = 0
        super().on_message_complete()
