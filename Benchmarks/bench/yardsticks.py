"""The yardsticks' servers: a bare Hummingbird echo, and nginx before nginx."""

from .processes import Failure, Server, free_port, listens
from .tools import TOP

ECHO = TOP / ".build" / "release" / "BenchmarkEcho"


class Echo:
    """Sources in Benchmarks/Echo."""

    def __init__(self, folder):
        if not ECHO.exists():
            raise Failure(f"{ECHO} is missing: swift build -c release --product BenchmarkEcho")
        self.port = free_port()
        self.server = Server("BenchmarkEcho", [ECHO, self.port], folder / "echo.log")
        self.server.wait_until(lambda: listens(self.port))

    @property
    def pid(self):
        return self.server.pid


class Proxy:
    """nginx as a reverse proxy with kept connections, and nginx behind it that answers 1 KB."""

    def __init__(self, folder):
        self.port, behind = free_port(), free_port()
        answer = '{"status":"found","note":"' + "x" * (1024 - 28) + '"}'
        configuration = folder / "nginx.conf"
        temporary = "\n".join(
            f"  {name}_temp_path {folder}/nginx-{name};"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        configuration.write_text(f"""
worker_processes auto;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 2048; }}
http {{
  access_log off;
  keepalive_requests 100000000;
{temporary}
  upstream behind {{ server 127.0.0.1:{behind}; keepalive 256; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{self.port};
    location / {{ proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
  server {{
    listen 127.0.0.1:{behind};
    location / {{ default_type application/json; return 200 '{answer}'; }}
  }}
}}
""")
        self.server = Server("nginx", ["nginx", "-c", configuration, "-p", folder], folder / "nginx.out")
        self.server.wait_until(lambda: listens(self.port))
