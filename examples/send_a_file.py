"""
Send a file to a follower of an official account.

    python examples/send_a_file.py price-list.pdf --oa-id 4111111111111111111 --user-id 5222222222222222222

prints the progress of the upload, and the id of the message:

    price-list.pdf: 262144 of 700000 bytes
    price-list.pdf: 524288 of 700000 bytes
    price-list.pdf: 700000 of 700000 bytes
    sent as message 3f0c...

Needs `ETELECOM_SHOP_API_KEY`.
"""

import argparse
import asyncio
from pathlib import Path

from etelecom_async import Attachment, ShopClient
from etelecom_async.models import FileMessage, Recipient, UploadType


async def main(file: Path, oa_id: str, user_id: str, kind: str = "file") -> None:
    """Send *file* to a follower."""

    def show(sent: int, size: int | None) -> None:
        print(f"{file.name}: {sent} of {size} bytes")

    async with ShopClient() as shop:
        # The documentation lists only the kind `image`. Ask eTelecom which kind your files need.
        uploaded = await shop.zalo.files.upload(
            file=Attachment(file, progress=show), oa_id=oa_id, type=UploadType.unlisted(kind)
        )
        message = await shop.zalo.messages.send_file(
            oa_id=oa_id, recipient=Recipient(user_id=user_id), message=FileMessage(token=uploaded.token)
        )
    print(f"sent as message {message.msg_id}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Send a file to a follower.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--oa-id", required=True)
    parser.add_argument("--user-id", required=True)
    options = parser.parse_args()
    asyncio.run(main(options.file, options.oa_id, options.user_id))
