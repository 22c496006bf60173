"""Coverage-guided: python -m tests.fuzz CORPUS [libFuzzer's options]. Without a corpus of your own, the fixtures are the seeds."""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(
    include=["hexr_autoinst.wire", "hexr_autoinst.dissect", "hexr_autoinst.correlate"]
):
    from tests.fuzz.exchange import run, seeds

WORDS = Path(__file__).parent / "words.dict"


def main():
    corpus = Path(sys.argv[1])
    corpus.mkdir(parents=True, exist_ok=True)
    for name, data in seeds():
        (corpus / name).write_bytes(data)
    options = [f"-dict={WORDS}", "-timeout=20", "-max_len=65536", "-rss_limit_mb=3000"]
    atheris.Setup([sys.argv[0], str(corpus), *options, *sys.argv[2:]], run)
    atheris.Fuzz()


main()
