#pragma once

// What every test includes: the standard library and GoogleTest (cmake/ge_precompiled.cmake).

#include "standard.h"

#include <fstream>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
