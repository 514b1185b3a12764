"""Which extensions make an image, a video, a document, ...; what is in a file is not looked at (see content.py)."""

from __future__ import annotations

from collections.abc import Mapping


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


EXTENSIONS: Mapping[str, frozenset[str]] = {
    "image": _set(
        "jpg jpeg jpe jfif png gif bmp tif tiff webp svg svgz heic heif avif ico icns psd xcf raw cr2 cr3 nef "
        "arw dng orf rw2 raf pef srw ppm pgm pbm pnm xpm xbm tga jp2 jxl exr hdr ai eps"
    ),
    "video": _set("mp4 m4v mkv webm avi mov qt wmv flv f4v mpg mpeg mpe m2v m2ts mts vob ogv 3gp 3g2 asf rm rmvb divx"),
    "audio": _set(
        "mp3 m4a m4b aac flac wav wave ogg oga opus wma aif aiff aifc mid midi amr ape alac au snd mka ac3 dts wv mpc"
    ),
    "document": _set(
        "pdf doc docx docm dot dotx odt ott rtf xls xlsx xlsm xlsb ods ppt pptx pptm pps ppsx odp odg pages "
        "numbers key epub mobi azw azw3 djvu ps tex xps oxps wps md markdown txt csv"
    ),
    "archive": _set(
        "zip tar gz tgz bz2 tbz tbz2 xz txz zst tzst lz lzma lz4 7z rar z cab iso dmg jar war ear deb rpm apk "
        "whl egg cpio ar arj lzh xpi crx snap"
    ),
    "code": _set(
        "py pyw pyi pyx ipynb js mjs cjs jsx ts tsx mts cts vue svelte c h cc cpp cxx hh hpp hxx inl cu cuh m "
        "mm java kt kts scala groovy gradle go rs rb erb php pl pm raku lua r jl swift dart cs fs fsx vb hs "
        "lhs elm ml mli ex exs erl hrl clj cljs cljc lisp cl el scm rkt sh bash zsh fish ksh csh ps1 psm1 bat "
        "cmd awk sed sql html htm xhtml css scss sass less asm s f f77 f90 f95 f03 for pas pp d nim zig v sv "
        "svh vhd vhdl proto thrift graphql cmake mk mak coffee tcl sol wat"
    ),
    "text": _set(
        "txt text md markdown rst adoc asciidoc org log csv tsv json jsonl ndjson xml yaml yml toml ini cfg "
        "conf config properties env tex bib srt vtt sub nfo diff patch po pot lst list me readme"
    ),
}

_NAMES = {
    "code": _set("makefile gnumakefile dockerfile cmakelists.txt rakefile jenkinsfile gemfile"),
    "text": _set("readme license licence copying changelog authors todo notes news"),
}


def is_kind(name: str, kind: str) -> bool:
    """Judged by the name alone."""
    lower = name.lower()
    if lower in _NAMES.get(kind, ()):
        return True
    stem, dot, extension = lower.rpartition(".")
    return bool(dot and stem) and extension in EXTENSIONS[kind]
