package net.braid.base;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * On a test: which requirement it shows to hold, as {@code "rfc9293#3.10.7.4"} or as the number of a checklist entry,
 * {@code "D01"}. It stands in the lowest module because tests of every module need it; no program reads it.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface Requirement {
    String[] value();
}
