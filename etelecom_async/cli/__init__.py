"""
Run the command `etelecom`: find the command, run it, convert its errors to one line and an exit code.

Framework:

- `app`: the commands, and the conversion of errors.
- `command`: commands, groups that make their commands on first use, options in sections.
- `index`: the generated index of the operations.
- `options`, `values`: the options of operations, and the forms of their values.
- `exit_codes`, `failures`, `wording`: exit codes, and errors of the SDK in one line, in words of commands.
- `signals`, `terminal`: interruption; questions, notes, and which stream is what.

Operations:

- `operation`: makes the command of each operation.
- `request_body`, `credentials`: the request and the key.
- `running`, `calling`: makes the call; `--dry-run` and `--debug`.
- `rows`, `columns`, `output`, `files`: results as plain data, their formats, and the file they go to.
- `secret_results`: the secrets that a call returns only once.

Profiles:

- `settings`, `profiles`, `system_keyring`: settings and their sources, the file, the keyring.
- `auth` with `login`, `auth_status` and `key_check`; `configuration` (`etelecom config`).
- `shops`: the key of the shop that a partner acts for.

Jobs:

- `bulk`, `words.send_many`: the commands; `jobs`: runs them.
- `tables`, `job_description`, `job_report`: the CSV file, what the journal keeps of it, and the report.

Everyday words, such as `calls list`, are in the package `words`.

`doctor` is a package. Other commands have a module each: `api`, `operations`, `topics` (`etelecom help`),
`completion`, `sandbox` with `sandbox_run`, and `demo` with `demo_run` and `story`. `console` and `extras`
serve the last two.

Only `running`, `calling`, `rows`, `failures`, `secret_results`, `login`, `auth_status`, `key_check`, `shops`,
`sandbox_run`, `demo_run`, `story`, `jobs`, `job_report` and most of `doctor` import the client or the
sandbox. All others stay quick, so that help, completion and usage errors do.
"""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run a command and return the exit code, one of `exit_codes`.

    Args:
        arguments: Arguments after `etelecom`. Default: those of the process.
    """
    try:
        from etelecom_async.cli.app import run
    except KeyboardInterrupt:  # Ctrl-C before the command has begun
        print("etelecom: interrupted", file=sys.stderr)
        return 130
    except ModuleNotFoundError as error:
        if error.name != "click":
            raise
        from etelecom_async.cli.extras import install_command

        message = "click is not installed. The command line needs it, and it is part of the extra `cli`."
        print(f"etelecom: {message} Install it: {install_command('click', 'rich')}", file=sys.stderr)
        return 2
    return run(sys.argv[1:] if arguments is None else arguments)
