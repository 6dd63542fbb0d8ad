"""Read the same policy once per process: hundreds of tests publish the same few texts."""

from functools import cache

from cases import policies

read_anew = policies.parse
bases_anew = policies.bases_of


@cache
def _parse(source, bases, version):
    return read_anew(source, bases=bases, version=version)


def parse(source, *, bases=None, version=0):
    return _parse(source, None if bases is None else tuple(bases), version)


@cache
def _bases_of(source):
    return tuple(bases_anew(source))


def bases_of(source):
    return [*_bases_of(source)]
