// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.stream.IntStream;

/** An encoded string. */
final class Bytes {
    private final byte[] data;

    private Bytes(byte[] data) {
        this.data = data;
    }

    static Bytes utf8(String text) {
        return new Bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    String decode() {
        return new String(data, StandardCharsets.UTF_8);
    }

    int size() {
        return data.length;
    }

    Object get(int index) {
        return (long) (data[index] & 0xff);
    }

    Iterator<Object> iterator() {
        return IntStream.range(0, data.length).mapToObj(this::get).iterator();
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder("b'");
        for (byte each : data) {
            if (each == '\\' || each == '\'') {
                out.append('\\').append((char) each);
            } else if (each == '\t' || each == '\n' || each == '\r') {
                out.append(each == '\t' ? "\\t" : each == '\n' ? "\\n" : "\\r");
            } else if (each >= ' ' && each < 0x7f) {
                out.append((char) each);
            } else {
                out.append(String.format("\\x%02x", each & 0xff));
            }
        }
        return out.append('\'').toString();
    }
}
