// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where a server listens, and to whom.
 *
 * @param name that clients call the model by
 * @param address that it listens at
 * @param port 0 for any that is free
 * @param apiKey that each request must carry
 * @param insecure whether it may listen beyond this machine without a key
 * @param origins of pages, besides its own, whose scripts may ask; {@code *} for any
 * @param endTime that running answers have when the server ends
 */
public record ServerOptions(
        String name,
        InetAddress address,
        int port,
        Optional<String> apiKey,
        boolean insecure,
        List<String> origins,
        Duration endTime) {
    /**
     * Checks what the rules of access demand.
     *
     * @throws IllegalArgumentException if the address is reached from other machines, and there is neither a key nor
     *     the word that none is wanted; if the key is empty, or the port none
     */
    public ServerOptions {
        origins = List.copyOf(origins);
        if (name.isBlank()) {
            throw new IllegalArgumentException("server: the name of the model must not be empty");
        }
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("server: port " + port + " is not in [0, 65535]");
        }
        if (apiKey.isPresent() && apiKey.get().isBlank()) {
            throw new IllegalArgumentException("server: the API key must not be empty");
        }
        if (!address.isLoopbackAddress() && apiKey.isEmpty() && !insecure) {
            throw new IllegalArgumentException("server: " + address.getHostAddress()
                    + " can be reached from other machines: that takes an API key, or the word that none is wanted");
        }
    }

    /** At this machine's loopback address, for everybody on it. */
    public static ServerOptions loopback(String name, int port) {
        return new ServerOptions(
                name,
                InetAddress.getLoopbackAddress(),
                port,
                Optional.empty(),
                false,
                List.of(),
                Duration.ofSeconds(30));
    }

    /** The same with a key. */
    public ServerOptions withApiKey(String key) {
        return new ServerOptions(name, address, port, Optional.of(key), insecure, origins, endTime);
    }

    /** The same with origins. */
    public ServerOptions withOrigins(List<String> origins) {
        return new ServerOptions(name, address, port, apiKey, insecure, origins, endTime);
    }

    /** The same with another time to end in. */
    public ServerOptions withEndTime(Duration endTime) {
        return new ServerOptions(name, address, port, apiKey, insecure, origins, endTime);
    }
}
