// SPDX-License-Identifier: Apache-2.0
/**
 * The command line of Kelvin: the program {@code kelvin}. Nothing is exported; what others may use is in core and llm.
 */
module dev.kelvin.cli {
    requires com.fasterxml.jackson.core;
    requires dev.kelvin.core;
    requires dev.kelvin.llm;
    requires dev.kelvin.server;
    requires info.picocli;
    requires java.logging;
    requires org.jline.reader;
    requires org.jline.terminal;

    opens dev.kelvin.cli to
            info.picocli;
}
