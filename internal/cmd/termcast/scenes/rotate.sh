# Records originpull rotate: what it would do, what it does, and that nothing is left to do.
# Needs nginx and openssl, and the ports 8444 and 8788. Run by make recording.
set -e
cd "$(mktemp -d)"
nginx() { command nginx -p "$PWD" -c nginx.conf -e nginx.log -g 'pid nginx.pid;' "$@"; }
originpull serve --addr 127.0.0.1:8788 --zone-name example.com --deploy-delay 8s --delete-delay 0s >log 2>&1 &
trap 'kill $!; kill $(cat nginx.pid); rm -rf "$PWD"' EXIT
export CLOUDFLARE_API_TOKEN=any CLOUDFLARE_BASE_URL=http://127.0.0.1:8788/client/v4
typed() {
	printf '$ %s\n' "$1"
	# Ids and fingerprints are cut: no line of a diff would fit.
	eval "$1" 2>&1 | sed -u -E 's/([0-9a-f]{8})(-[0-9a-f-]{27}|[0-9a-f]{56})/\1/g'
	echo
	sleep 2
}

mkdir next
originpull cert create --name www.example.com >log 2>&1
originpull cert create --name www.example.com --ca ca.pem --ca-key ca.key --out next >log 2>&1
mv next/client.pem new.pem
mv next/client.key new.key
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=www.example.com \
	-addext subjectAltName=IP:127.0.0.1 -keyout origin.key -out origin.pem 2>log
folders=$(printf '%s_temp_path t; ' client_body proxy fastcgi uwsgi scgi)
originpull origin config nginx --ca ca.pem --server-name www.example.com --cert origin.pem --listen 127.0.0.1:8444 |
	sed "s/^http {/http { access_log off; $folders/" >nginx.conf
nginx
originpull certificates upload --zone example.com --cert client.pem --key client.key --wait >log 2>&1
originpull settings enable --zone example.com >log 2>&1

rotate='originpull rotate --zone example.com --cert new.pem --key new.key --origin 127.0.0.1:8444'
typed "$rotate"
typed "$rotate --dry-run"
