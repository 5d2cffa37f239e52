#!/bin/sh
# Chromium as $CHROMIUM. Of several --disable-features it heeds the last one alone: here they become one.
features=
for word do
    shift
    case $word in
        --disable-features=*) features=${features:+$features,}${word#*=} ;;
        *) set -- "$@" "$word" ;;
    esac
done
exec "$CHROMIUM" "$@" "--disable-features=$features"
