package net.braid.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ServiceLoader;
import java.util.TreeSet;
import net.braid.base.Requirement;
import net.braid.tcp.CongestionController;
import org.junit.jupiter.api.Test;

class RegistrationTest {
    @Test
    @Requirement("I13")
    void controllersAreFoundByTheNamesThatLinuxGivesThem() {
        RegistrationTest.class.getModule().addUses(CongestionController.Factory.class);
        TreeSet<String> names = new TreeSet<>();
        ServiceLoader<CongestionController.Factory> factories =
                ServiceLoader.load(CongestionController.Factory.class, Reno.class.getClassLoader());
        factories.forEach(factory -> names.add(factory.name()));
        assertEquals("[balia, cubic, lia, olia, reno]", names.toString());
    }
}
