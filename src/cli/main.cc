#include "cli/command.h"

int main(int argc, char** argv) { return eider::cli::RunCommandLine({argv + 1, argv + argc}); }
