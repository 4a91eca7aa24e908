// SPDX-License-Identifier: Apache-2.0
/** A Spring Boot application that answers by a model in its own JVM. */
package dev.kelvin.examples.boot;
