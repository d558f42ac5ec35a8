"""Questions about members: who they are, what they bought, hold and heard."""
