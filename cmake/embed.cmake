# cmake -DIN=FILE -DOUT=FILE.c -DNAME=symbol -P embed.cmake: the bytes of IN as an array in C, with a
# 0 behind them, and their number as symbol_size.
file(READ "${IN}" hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "((0x[0-9a-f][0-9a-f],){16})" "\\1\n" bytes "${bytes}")
file(WRITE "${OUT}" "#include <stddef.h>
extern const unsigned char ${NAME}[];
extern const size_t ${NAME}_size;
const unsigned char ${NAME}[] = {
${bytes}0};
const size_t ${NAME}_size = sizeof(${NAME}) - 1;
")
