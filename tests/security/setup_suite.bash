# The same as for the other command tests.
# shellcheck source=tests/cli/setup_suite.bash
source "$(dirname "${BASH_SOURCE[0]}")/../cli/setup_suite.bash"
