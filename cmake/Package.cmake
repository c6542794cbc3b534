# SPDX-License-Identifier: MIT
# `cpack -G DEB` in a build of the preset "program" makes a Debian package of what is installed.
#
# Who answers for a package is who makes it: as for Debian's own tools it is told by DEBFULLNAME and DEBEMAIL.
# A package has to name somebody, so without these it says that nobody is known; mail to .invalid goes nowhere.
if("$ENV{DEBEMAIL}" STREQUAL "")
  set(contact "unknown <unknown@example.invalid>")
else()
  set(contact "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
endif()
set(KONDUCTOR_PACKAGE_CONTACT "${contact}" CACHE STRING "Maintainer of the Debian package: NAME <ADDRESS>")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME konductor)
set(CPACK_PACKAGE_CONTACT "${KONDUCTOR_PACKAGE_CONTACT}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "executes coding plans with many AI agent processes")
set(CPACK_PACKAGE_DESCRIPTION
  "konductor runs a phase of plan files wave by wave, each plan in its own git
work tree, each task with a fresh agent process. It checks every result
itself, has it reviewed, and goes on where it was after a crash or a kill.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Found by no linker: plans are worked on by git and a shell; the rest is used where it is there.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "git")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "bubblewrap")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "curl")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
