// SPDX-License-Identifier: Apache-2.0
/**
 * The command line of Kelvin: the program {@code kelvin}. What others may use is in core and llm; exported is only what
 * peers implement to be measured beside Kelvin.
 */
module dev.kelvin.cli {
    requires com.fasterxml.jackson.core;
    requires dev.kelvin.core;
    requires dev.kelvin.llm;
    requires dev.kelvin.server;
    requires info.picocli;
    requires java.logging;
    requires java.management;
    requires jdk.management;
    requires jdk.unsupported; // by which JLine hears Ctrl-C: without it, one that ends an answer ends the program
    requires org.jline.reader;
    requires org.jline.terminal;

    exports dev.kelvin.cli.roofline.peer;

    opens dev.kelvin.cli to
            info.picocli;

    uses dev.kelvin.cli.roofline.peer.Peer;
}
