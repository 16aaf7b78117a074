"""Kill a bulk job again and again, and show that it still makes each call once."""
