"""
Send a one-time password, over Zalo if that works, else by SMS, else by an automatic call.

    python examples/otp_by_sms.py "0901 234 567" --template OTP_LOGIN

prints when the message was accepted, and over which channel it arrived:

    accepted as ICOMNI...
    arrived by brandnamesms

Needs `ETELECOM_SMS_USERNAME` and `ETELECOM_SMS_PASSWORD`.
"""

import argparse
import asyncio
import secrets

from etelecom_async import OutcomeUnknownError, SmsClient, SmsError
from etelecom_async.models import SmsChannel, SmsDeliveryStatus, SmsStatusReport

CHANNELS = [SmsChannel.ZNS, SmsChannel.SMS, SmsChannel.AUTO_CALL]


async def arrival(sms: SmsClient, message_id: str, *, every: float, tries: int) -> SmsStatusReport:
    """Ask what became of a message until that is known, or *tries* times."""
    report = await sms.status(id_omni_mess=message_id)
    for _ in range(tries):
        if report.status != SmsDeliveryStatus.PROCESSING:
            break
        await asyncio.sleep(every)
        report = await sms.status(id_omni_mess=message_id)
    return report


async def main(phone: str, template: str, *, every: float = 3.0, tries: int = 20) -> None:
    """Send a one-time password to *phone*."""
    code = f"{secrets.randbelow(10**6):06}"
    async with SmsClient() as sms:
        try:
            receipt = await sms.send(
                phonenumber=phone, routerule=CHANNELS, templatecode=template, list_param={"otp": code}
            )
        except SmsError as error:
            print(f"refused: {error}")
            return
        except OutcomeUnknownError:
            # A second message would carry the same password and cost money again: let the user ask for it.
            print("nobody knows whether it was sent; offer to send a new one")
            return
        print(f"accepted as {receipt.id_omni_mess}")
        report = await arrival(sms, receipt.id_omni_mess, every=every, tries=tries)
    if report.status == SmsDeliveryStatus.SUCCESS:
        print(f"arrived by {report.channel}")
    else:
        print(f"not arrived: {report.status}, error {report.error_code or 'unknown'}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Send a one-time password.")
    parser.add_argument("phone")
    parser.add_argument("--template", required=True)
    asked = parser.parse_args()
    asyncio.run(main(asked.phone, asked.template))
