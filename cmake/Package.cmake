# SPDX-License-Identifier: MIT
# `cpack -G DEB` in a release build makes a Debian package of what is installed.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME konductor)
set(CPACK_PACKAGE_CONTACT "konductor maintainers <konductor@example.invalid>")
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
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "git, bubblewrap")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
