"""Handlers that inject faults, and show connections, calls and failures."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.call_log import CallLog
from bailiff_bot.sandbox.slack.faults import Fault, Faults
from bailiff_bot.sandbox.slack.interactions.result import ControlHandler, InteractionError
from bailiff_bot.sandbox.slack.socket_mode.server import SocketModeServer, disconnect_frame
from bailiff_bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class FaultHandlers:
    """Faults of the Web API and of the WebSockets, and what happened."""

    workspace: Workspace
    call_log: CallLog
    faults: Faults
    socket_mode: SocketModeServer

    def handlers(self) -> Mapping[str, ControlHandler]:
        """Return the handlers by name."""
        return {
            "fault": self._inject_fault,
            "faults": self._pending_faults,
            "heal": self._clear_faults,
            "sockets": self._inject_socket_fault,
            "connections": self._connections,
            "calls": self._calls,
            "failures": self._failures,
        }

    async def _inject_fault(self, body: Json) -> object:
        fault = body["fault"]
        channel, user = self._channel_id(fault["channel"]), self._user_id(fault.get("user"))
        self.faults.add(Fault(**fault | {"channel": channel, "user": user}))
        return None

    async def _pending_faults(self, _: Json) -> object:
        return [asdict(fault) for fault in self.faults.pending]

    async def _clear_faults(self, _: Json) -> object:
        self.faults.clear()
        return None

    async def _inject_socket_fault(self, body: Json) -> object:
        connections = [
            connection for connection in self.socket_mode.connections if body["number"] in (None, connection.number)
        ]
        for connection in connections:
            match body["action"]:
                case "disconnect":
                    await connection.retire(disconnect_frame(body["reason"]))
                case "reset":
                    connection.reset()
                case "end":
                    connection.end()
                case "freeze":
                    connection.freeze()
        return len(connections)

    async def _connections(self, _: Json) -> object:
        return [
            {"number": connection.number, "health": connection.health.value, "delivered": connection.delivered}
            for connection in self.socket_mode.connections
        ]

    async def _calls(self, _: Json) -> object:
        return [asdict(call) for call in self.call_log.calls]

    async def _failures(self, _: Json) -> object:
        return [asdict(failure) for failure in self.call_log.failures]

    def _channel_id(self, name: str | None) -> str | None:
        channel = self.workspace.find_channel_id(name) if name else None
        if name and channel is None:
            raise InteractionError(f"there is no channel {name!r}")
        return channel

    def _user_id(self, name: str | None) -> str | None:
        user = self.workspace.users.find(name) if name else None
        if name and user is None:
            raise InteractionError(f"there is no user {name!r}")
        return user.id if user else None
