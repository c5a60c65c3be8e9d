// Catch2 version 2 is header-only and wants its main compiled once; version 3 brings its own.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
