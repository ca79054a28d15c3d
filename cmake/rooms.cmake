# One static library a room, sources listed by hand. Flags in one place.
add_library(mvpn_flags INTERFACE)
target_compile_options(mvpn_flags INTERFACE
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wconversion -Wvla
  -Wpointer-arith -Wwrite-strings -fno-strict-aliasing)
target_include_directories(mvpn_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
target_compile_definitions(mvpn_flags INTERFACE _GNU_SOURCE MVPN_VERSION="${PROJECT_VERSION}")
if(MVPN_WERROR)
  target_compile_options(mvpn_flags INTERFACE -Werror)
endif()
if(MVPN_SANITIZE)
  target_compile_options(mvpn_flags INTERFACE -fsanitize=${MVPN_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(mvpn_flags INTERFACE -fsanitize=${MVPN_SANITIZE})
endif()
if(MVPN_COVERAGE)
  target_compile_options(mvpn_flags INTERFACE --coverage)
  target_link_options(mvpn_flags INTERFACE --coverage)
endif()
if(MVPN_FUZZ)
  target_compile_options(mvpn_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# mvpn_room(NAME SOURCES a.c b.c DEPENDS other_room ...): the library mvpn_NAME.
function(mvpn_room name)
  cmake_parse_arguments(R "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(mvpn_${name} STATIC ${R_SOURCES})
  target_link_libraries(mvpn_${name} PUBLIC mvpn_flags ${R_DEPENDS})
endfunction()

# mvpn_test(NAME SOURCES a.c LIBS mvpn_x [LABELS unit] [TIMEOUT 60]): one CTest line a CUnit executable.
function(mvpn_test name)
  cmake_parse_arguments(T "" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 120)
  endif()
  add_executable(test_${name} ${T_SOURCES})
  target_link_libraries(test_${name} PRIVATE ${T_LIBS} mvpn_flags cunit)
  add_test(NAME ${name} COMMAND test_${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${T_TIMEOUT} SKIP_RETURN_CODE 77 LABELS "${T_LABELS}")
endfunction()
