// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.own;

import dev.kelvin.server.http.Call;
import dev.kelvin.server.http.Dispatcher;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The page at {@code /} and what belongs to it: resources of the jar, by a list of their names. No path of a request
 * becomes one of a file.
 */
public final class Page {
    private static final String FOLDER = "/dev/kelvin/server/page/";

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");

    static final List<String> FILES = List.of(
            "index.html",
            "style.css",
            "icon.svg",
            "theme.js",
            "app.js",
            "api.js",
            "stream.js",
            "temperature.js",
            "curves.js",
            "laboratory.js",
            "thread.js",
            "conversation.js",
            "storage.js",
            "sidebar.js",
            "settings.js",
            "composer.js",
            "dom.js",
            "format.js");

    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; "
            + "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private record Resource(String type, byte[] bytes, String tag) {
        void send(Call call) {
            call.set("ETag", tag);
            call.set("Cache-Control", "no-cache");
            call.set("Content-Security-Policy", POLICY);
            call.set("Referrer-Policy", "no-referrer");
            if (call.header("If-None-Match").filter(tag::equals).isPresent()) {
                call.empty(304);
            } else {
                call.bytes(200, type, bytes);
            }
        }
    }

    private Page() {}

    /** Adds all of it, for everybody: it holds nothing that takes a key. */
    public static void addTo(Dispatcher dispatcher) {
        for (String name : FILES) {
            Resource resource = read(name, TYPES.get(name.substring(name.lastIndexOf('.') + 1)));
            dispatcher.addOpen("GET", name.equals("index.html") ? "/" : "/page/" + name, resource::send);
        }
    }

    private static Resource read(String name, String type) {
        try (InputStream in = Page.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IllegalStateException("server: the page lacks " + name);
            }
            byte[] bytes = in.readAllBytes();
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            return new Resource(type, bytes, '"' + HexFormat.of().formatHex(hash, 0, 12) + '"');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
