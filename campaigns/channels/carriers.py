"""The carriers by their names."""

from campaigns.channels.email.client import Mail
from campaigns.channels.gateway.client import Gateway
from campaigns.channels.guide.client import Guide
from campaigns.channels.letters import Client
from campaigns.channels.sandbox.client import Sandbox
from campaigns.models import ChannelSetup

CARRIERS: dict[str, Client] = {
    ChannelSetup.Carrier.SANDBOX: Sandbox(),
    ChannelSetup.Carrier.EMAIL: Mail(),
    ChannelSetup.Carrier.GATEWAY: Gateway(),
    ChannelSetup.Carrier.GUIDE: Guide(),
}
