# Sourced: sets `venv` to a virtual environment with requirements-openapi.txt, made anew when that has changed.
venv=${OPENAPI_VENV:-$root/.build/openapi-venv}
if [ ! -e "$venv/installed" ] || [ "$here/requirements-openapi.txt" -nt "$venv/installed" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" --quiet --disable-pip-version-check install -r "$here/requirements-openapi.txt"
  touch "$venv/installed"
fi
