# Records originpull origin check: an nginx that lets everyone in, and then enforces.
# Needs nginx and openssl, port 8444, and no one on port 80. Run by make recording.
set -e
cd "$(mktemp -d)"
nginx() { command nginx -p "$PWD" -c nginx.conf -e nginx.log -g 'pid nginx.pid;' "$@"; }
trap 'kill $(cat nginx.pid); rm -rf "$PWD"' EXIT
typed() {
	printf '$ %s\n' "$1"
	eval "$1" 2>&1 || true # a check of an origin that enforces nothing fails
	echo
	sleep 2
}

originpull cert create --name www.example.com >log 2>&1
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=www.example.com \
	-addext subjectAltName=IP:127.0.0.1 -keyout origin.key -out origin.pem 2>log
folders=$(printf '%s_temp_path t; ' client_body proxy fastcgi uwsgi scgi)
originpull origin config nginx --ca ca.pem --server-name www.example.com --cert origin.pem --listen 127.0.0.1:8444 |
	sed "s/^http {/http { access_log off; $folders/; s/ssl_verify_client on/ssl_verify_client off/" >nginx.conf
nginx

check='originpull origin check 127.0.0.1:8444 --origin-ca origin.pem --cert client.pem --key client.key'
typed "$check"
typed "sed -i 's/ssl_verify_client off/ssl_verify_client on/' nginx.conf && nginx -s reload"
typed "$check"
