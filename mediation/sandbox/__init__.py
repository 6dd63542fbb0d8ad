"""The sandbox: a marketplace whose time stands until somebody moves it.

Its carrier, gateway and mediator do as they are told, its letters are kept and sent to nobody.
Whether a marketplace is one is decided when it is made (`Marketplace.clock_id`), for good.
"""
