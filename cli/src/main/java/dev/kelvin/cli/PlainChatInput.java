// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** Lines of a file or pipe. */
final class PlainChatInput implements ChatInput {
    private final BufferedReader lines;

    PlainChatInput(InputStream in) {
        lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    @Override
    public String next(String prompt) throws IOException {
        String line = lines.readLine();
        if (line == null) {
            return null;
        }
        StringBuilder message = new StringBuilder(line);
        while (ChatInput.isOpen(message.toString())) {
            String more = lines.readLine();
            if (more == null) {
                break;
            }
            message.append('\n').append(more);
        }
        return ChatInput.message(message.toString());
    }
}
