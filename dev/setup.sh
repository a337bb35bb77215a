# Set-up shared by ./run and ./test; sourced by them from the project's root.
# Every step is skipped when the files it depends on have not changed since it last succeeded.

say() { printf '  %s  %s\n' "$1" "$2"; }

fail() {
    printf '错误：%s\nError: %s\n' "$1" "$2" >&2
    exit 1
}

# stamp_matches FILE TEXT: did this step succeed before with the same inputs?
stamp_matches() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

write_stamp() { printf '%s\n' "$2" >"$1.partial" && mv "$1.partial" "$1"; }

digest() { cat "$@" | sha256sum | cut -d' ' -f1; }

# -- room -----------------------------------------------------------------------------------

need_room() { # MiB
    local free
    free=$(df -Pm . | awk 'NR == 2 { print $4 }')
    [ "$free" -ge "$1" ] || fail \
        "磁盘剩余 ${free} MB，安装需要约 $1 MB，请释放空间" \
        "only ${free} MB free on this disk; the set-up needs about $1 MB"
}

# -- Debian packages ------------------------------------------------------------------------

python_311() {
    local candidate
    # Debian's own first: it is the one deployments have, and built with profiling; one that pyenv compiled takes a quarter
    # more of the processor for the same work.
    for candidate in /usr/bin/python3.11 python3.11 python3; do
        if "$candidate" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

any_file() { compgen -G "$1" >/dev/null; }

missing_packages() { # prints the Debian packages that are needed and absent
    python_311 >/dev/null || echo python3.11 python3.11-venv
    any_file '/usr/share/postgresql/*/extension/postgis.control' || echo postgresql-15-postgis-3
    [ -x /usr/bin/redis-server ] || command -v redis-server >/dev/null || echo redis-server
    any_file '/usr/share/fonts/opentype/noto/NotoSerifCJK*' || echo fonts-noto-cjk
    any_file '/usr/share/fonts/*/hanazono/*' || echo fonts-hanazono
    command -v npm >/dev/null || echo nodejs npm
    if [ "${1:-}" = with-tests ]; then
        [ -x /usr/bin/chromium-headless-shell ] || echo chromium-headless-shell
        command -v pdftoppm >/dev/null || echo poppler-utils
        command -v docker-compose >/dev/null || echo docker-compose
    fi
}

install_packages() {
    local missing become=()
    missing=$(missing_packages "$@" | tr '\n' ' ')
    [ -n "${missing// /}" ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
            become=(sudo)
        else
            fail "缺少下列 Debian 软件包，请由管理员安装：apt-get install $missing" \
                "these Debian packages are missing; have an administrator run: apt-get install $missing"
        fi
    fi
    command -v apt-get >/dev/null || fail "缺少：$missing" "this is not a Debian system; please install: $missing"
    say "正在安装系统软件包：$missing" "installing Debian packages"
    mkdir -p var
    local log=var/apt.log
    # shellcheck disable=SC2086 # a list of words on purpose
    if ! {
        "${become[@]}" apt-get update -q &&
            "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
    } </dev/null >"$log" 2>&1; then
        tail -n 15 "$log" >&2
        fail "软件包安装失败（$missing），详见 $log" "could not install $missing; see $log"
    fi
    missing=$(missing_packages "$@" | tr '\n' ' ')
    [ -z "${missing// /}" ] || fail "安装后仍缺少：$missing" "still missing after the installation: $missing"
}

# -- Python ---------------------------------------------------------------------------------

make_venv() { # requirements.lock | requirements-dev.lock
    local wanted want_dev python
    [ ! -L .venv ] || return 0 # a developer's worktree borrows another's
    python=$(python_311)
    wanted=$(digest "$1")
    want_dev=$(digest requirements-dev.lock)
    # The developer's lock holds everything the runtime lock holds.
    if stamp_matches .venv/.installed "$wanted" || stamp_matches .venv/.installed "$want_dev"; then
        return 0
    fi
    if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
        need_room 1500
        rm -rf .venv
        "$python" -m venv .venv
    fi
    say "正在安装 Python 依赖" "installing Python packages from $1"
    rm -f .venv/.installed
    mkdir -p var
    if ! .venv/bin/python -m pip install --disable-pip-version-check --no-input --require-hashes -r "$1" \
        </dev/null >var/pip.log 2>&1; then
        tail -n 15 var/pip.log >&2
        fail "Python 依赖安装失败，请检查网络后重试，详见 var/pip.log" \
            "could not install the Python packages; check the network and try again, see var/pip.log"
    fi
    write_stamp .venv/.installed "$wanted"
}

# -- front end ------------------------------------------------------------------------------

make_front_end() {
    local wanted
    mkdir -p var
    wanted=$(digest package-lock.json .npmrc)
    if [ ! -L node_modules ] && ! stamp_matches node_modules/.installed "$wanted"; then
        say "正在安装前端文件" "installing front-end files"
        if ! npm ci </dev/null >var/npm.log 2>&1; then
            tail -n 15 var/npm.log >&2
            fail "前端文件安装失败，请检查网络后重试，详见 var/npm.log" \
                "npm ci failed; check the network and try again, see var/npm.log"
        fi
        write_stamp node_modules/.installed "$wanted"
    fi
    wanted=$(digest package-lock.json dev/vendor.sh)
    if ! stamp_matches var/.vendored "$wanted" || [ ! -d portal/web/static/vendor ]; then
        bash dev/vendor.sh
        write_stamp var/.vendored "$wanted"
    fi
}
