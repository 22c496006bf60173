"""How help looks: the same on every Python, as 3.13 came to write it, so that the reference is one."""

import argparse


class Form(argparse.RawDescriptionHelpFormatter):
    """Python 3.11 and 3.12 repeat the value after each spelling and forget a list's indent."""

    def add_argument(self, action: argparse.Action) -> None:
        """The column of explanations clears the verbs too."""
        super().add_argument(action)
        for verb in self._iter_indented_subactions(action):
            length = len(self._format_action_invocation(verb)) + self._current_indent
            self._action_max_length = max(self._action_max_length, length)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {value}"
