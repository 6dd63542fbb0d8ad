"""A site with django-helpdesk alone, as its documentation says. It has its own environment."""
