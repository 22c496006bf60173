import argparse

from hexr_autoinst.cli.form import Form


def shown(*verbs, **option):
    parser = argparse.ArgumentParser(prog="p", formatter_class=Form)
    if option:
        parser.add_argument("-o", "--output", **option)
    commands = parser.add_subparsers(metavar="VERB", title="verbs")
    for verb in verbs:
        commands.add_parser(verb, help=f"what {verb} does")
    return parser.format_help().splitlines()


def test_a_value_stands_once_behind_all_spellings_of_its_option():
    assert "  -o, --output FILE  where to" in shown(metavar="FILE", help="where to")


def test_the_explanation_of_the_longest_verb_stands_beside_it():
    lines = shown("eat", "digest-slow")

    assert "    eat          what eat does" in lines
    assert "    digest-slow  what digest-slow does" in lines
