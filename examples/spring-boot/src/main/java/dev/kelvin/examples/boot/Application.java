// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.examples.boot;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the application. */
@SpringBootApplication
public class Application {
    /** For Spring. */
    public Application() {}

    /**
     * Starts it.
     *
     * @param arguments properties, such as {@code --kelvin.model=model.gguf}
     */
    public static void main(String[] arguments) {
        SpringApplication.run(Application.class, arguments);
    }
}
