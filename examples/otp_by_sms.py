"""
Send a one-time password: over Zalo, else by SMS, else by an automatic call.

    python examples/otp_by_sms.py "0901 234 567" --template OTP_LOGIN

prints the id of the accepted message, and the channel that delivered it:

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


async def wait_for_delivery(sms: SmsClient, message_id: str, *, every: float, tries: int) -> SmsStatusReport:
    """Read the status of a message until it is final, at most *tries* times."""
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
            # A second message costs money again, so the user must ask for it.
            print("the message may have been sent; offer to send a new one")
            return
        print(f"accepted as {receipt.id_omni_mess}")
        report = await wait_for_delivery(sms, receipt.id_omni_mess, every=every, tries=tries)
    if report.status == SmsDeliveryStatus.SUCCESS:
        print(f"arrived by {report.channel}")
    else:
        print(f"not arrived: {report.status}, error {report.error_code or 'unknown'}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Send a one-time password.")
    parser.add_argument("phone")
    parser.add_argument("--template", required=True)
    options = parser.parse_args()
    asyncio.run(main(options.phone, options.template))
