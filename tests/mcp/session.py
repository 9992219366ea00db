"""A session of the protocol's own client (PyPI `mcp`) with `hprof-suspects mcp`; see ../suite/mcp.rs.

usage: python session.py PROGRAM DUMP
"""

import asyncio
import json
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

PROGRAM, DUMP = sys.argv[1:3]


def fields(result):
    """The structured answer, under the name that the client's version has for it."""
    for name in ("structured_content", "structuredContent"):
        if getattr(result, name, None) is not None:
            return getattr(result, name)
    return json.loads(result.content[0].text)


def failed(result):
    return bool(getattr(result, "is_error", None) or getattr(result, "isError", None))


async def main():
    server = StdioServerParameters(command=PROGRAM, args=["mcp", DUMP])
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        tools = {tool.name for tool in (await session.list_tools()).tools}
        assert {"report", "suspects", "object", "path", "dominators", "histogram", "threads", "compare"} <= tools, tools

        async def ask(tool, **arguments):
            result = await session.call_tool(tool, arguments)
            assert not failed(result), (tool, arguments, result)
            return fields(result)

        report = await ask("report")
        assert report["verdict"] == "inconclusive", report
        suspects = await ask("suspects")
        assert suspects["total"] == 1, suspects
        follow = suspects["rows"][0]["follow_up"][0]
        found = await ask(follow["tool"], **follow["arguments"])
        address = found["object"]["object_id"]
        path = await ask("path", address=address)
        assert path["paths"][0]["steps"][-1]["object_id"] == address, path
        wrong = await session.call_tool("object", {"address": "0x1"})
        assert failed(wrong) and "no object at 0x1" in wrong.content[0].text, wrong
    print("done")


asyncio.run(main())
