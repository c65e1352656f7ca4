package net.braid.runtime;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A connection, from its establishment to its end. */
@Name("net.braid.Connection")
@Label("Connection")
@Category("Braid")
@Description("A connection, from its establishment to its end")
@StackTrace(false)
final class ConnectionEvent extends Event {
    @Label("Local")
    String local;
    @Label("Remote")
    String remote;
    @Label("Multipath")
    boolean multipath;
    @Label("Sent")
    @DataAmount
    long sent;
    @Label("Received")
    @DataAmount
    long received;
    @Label("End")
    String end;
}
