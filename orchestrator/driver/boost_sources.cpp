// SPDX-License-Identifier: MIT
// The one translation unit that holds the bodies of the header-only Boost libraries.
#include <boost/asio/impl/src.hpp>
