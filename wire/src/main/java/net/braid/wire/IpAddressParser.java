package net.braid.wire;

/** Text to address, by hand: the JDK's own parser is one typing error away from a DNS query. */
final class IpAddressParser {
    private static final int GROUPS = 8;

    private IpAddressParser() {
    }

    static IpAddress parse(String text) {
        if (text.indexOf(':') < 0) {
            return IpAddress.v4(quad(text, 0, text));
        }
        return v6(text);
    }

    private static IpAddress v6(String text) {
        if (text.indexOf('%') >= 0) {
            throw wrong(text, "a zone (%) is not part of an address");
        }
        int[] groups = new int[GROUPS];
        int count = 0;
        int gap = -1;
        int at = 0;
        int end = text.length();
        if (text.startsWith("::")) {
            gap = 0;
            at = 2;
        }
        while (at < end) {
            int stop = text.indexOf(':', at);
            if (stop < 0) {
                stop = end;
            }
            if (text.substring(at, stop).indexOf('.') >= 0) {
                if (stop != end || count > GROUPS - 2) {
                    throw wrong(text, "a dotted quad may only be the last 32 bits");
                }
                int bits = quad(text, at, text);
                groups[count++] = bits >>> 16;
                groups[count++] = bits & 0xffff;
                at = end;
                break;
            }
            if (count == GROUPS) {
                throw wrong(text, "more than eight groups");
            }
            groups[count++] = group(text, at, stop);
            at = stop;
            if (at == end) {
                break;
            }
            at++;
            if (at == end) {
                throw wrong(text, "ends in a single colon");
            }
            if (text.charAt(at) == ':') {
                if (gap >= 0) {
                    throw wrong(text, "more than one ::");
                }
                gap = count;
                at++;
            }
        }
        if (gap < 0 && count != GROUPS || gap >= 0 && count == GROUPS) {
            throw wrong(text, gap < 0 ? "fewer than eight groups and no ::" : "a :: that stands for nothing");
        }
        long high = 0;
        long low = 0;
        for (int i = 0; i < GROUPS; i++) {
            int value = 0;
            if (gap < 0 || i < gap) {
                value = groups[i];
            } else if (i >= gap + GROUPS - count) {
                value = groups[i - (GROUPS - count)];
            }
            if (i < GROUPS / 2) {
                high = high << 16 | value;
            } else {
                low = low << 16 | value;
            }
        }
        return new IpAddress(high, low);
    }

    private static int group(String text, int from, int to) {
        if (to == from || to - from > 4) {
            throw wrong(text, "a group must have one to four hexadecimal digits");
        }
        int value = 0;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            int digit = c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                throw wrong(text, "'" + c + "' is not a hexadecimal digit");
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private static int quad(String text, int from, String whole) {
        int bits = 0;
        int parts = 0;
        int at = from;
        while (true) {
            int value = 0;
            int digits = 0;
            while (at < text.length() && text.charAt(at) != '.') {
                char c = text.charAt(at++);
                if (c < '0' || c > '9') {
                    throw wrong(whole, "'" + c + "' is not a decimal digit");
                }
                value = value * 10 + (c - '0');
                digits++;
                if (digits > 3 || value > 255) {
                    throw wrong(whole, "a part of a dotted quad is 0 to 255");
                }
                if (digits > 1 && value < 10) {
                    throw wrong(whole, "a leading zero, which some read as octal");
                }
            }
            if (digits == 0) {
                throw wrong(whole, "an empty part");
            }
            bits = bits << 8 | value;
            parts++;
            if (at == text.length()) {
                break;
            }
            at++;
            if (parts == 4) {
                throw wrong(whole, "more than four parts");
            }
        }
        if (parts != 4) {
            throw wrong(whole, "fewer than four parts");
        }
        return bits;
    }

    private static IllegalArgumentException wrong(String text, String what) {
        return new IllegalArgumentException("not an IP address: \"" + text + "\": " + what);
    }
}
