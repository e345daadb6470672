#!/usr/bin/env bash
# Runs the blocks of docs/api-guide.md against a running demo:
#   FLOTILLA=http://127.0.0.1:8080 FLOTILLA_ADMIN_EMAIL=… FLOTILLA_ADMIN_PASSWORD=… test/house/api-guide.sh
set -euo pipefail
guide=$(dirname "$0")/../../docs/api-guide.md
script=$(sed -n '/^```sh$/,/^```$/p' "$guide" | sed 's/^```.*$//')
bash -euo pipefail -c "$script" | node -e '
  const text = require("node:fs").readFileSync(0, "utf8");
  const answers = text.match(/\{"success":(true|false)/g) ?? [];
  const good = answers.filter((answer) => answer.endsWith("true")).length;
  console.log(`${good} of ${answers.length} answers are successes`);
  process.exit(good === answers.length && good > 0 ? 0 : 1);
'
