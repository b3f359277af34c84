# Sourced: sets `venv` to a virtual environment with requirements.txt, made anew when that has changed.
venv=${PYTHON_VENV:-$root/.build/python-venv}
if [ ! -e "$venv/installed" ] || [ "$here/requirements.txt" -nt "$venv/installed" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" --quiet --disable-pip-version-check install -r "$here/requirements.txt"
  touch "$venv/installed"
fi
